from __future__ import annotations

import re

from msgspec import NODEFAULT, Struct

from arasha.events import records
from arasha.events.records import RECORDS
from arasha.events.schema import FACTS, Fact, FieldType

FORBIDDEN = re.compile(
    r"face|facial|photo|image|plate|voice|speech|audio|biometr|fingerprint|gait"
    r"|place|location|latitude|longitude|geo|address|street|city|region|cell_tower|gps"
    r"|content|text|message|transcript|recording|comment|note|description|subject"
    r"|name|birth|gender|sex|ethnic|nation|race|religio|politic|health|diagnos|language|marital"
    r"|iin\b|passport|person|citizen|score"
)
"""Words that no field of a fact may hold: what DESIGN.md says Arasha will not do."""


def _record(fact: Fact) -> type[Struct]:
    return next(record for record in RECORDS if record.__name__ == fact.record)


def test_every_fact_has_a_record_with_the_same_fields() -> None:
    """Records and the table of facts agree one to one, in order, besides the id."""
    assert [fact.record for fact in FACTS.values()] == [record.__name__ for record in RECORDS]
    for fact in FACTS.values():
        fields = [name for name in _record(fact).__struct_fields__ if name != "id"]
        assert {field.name for field in fact.fields} == set(fields)
        assert fact.word == _record(fact).__struct_config__.tag


def test_a_field_is_required_in_the_record_as_in_the_table() -> None:
    """What the table calls required has no default in the record, and all else has None."""
    for fact in FACTS.values():
        record = _record(fact)
        fields, defaults = record.__struct_fields__, record.__struct_defaults__
        optional = dict(zip(fields[len(fields) - len(defaults) :], defaults, strict=True))
        required = {field.name for field in fact.fields if field.required} | {"id"}
        assert required == {name for name in fields if optional.get(name, NODEFAULT) is NODEFAULT}
        assert {None} >= {value for value in optional.values() if value is not NODEFAULT}


def test_categories_of_the_records_are_those_of_the_table() -> None:
    """A literal type lists the table's categories, in the table's order."""
    hints = {fact.word: _record(fact).__annotations__ for fact in FACTS.values()}
    for fact in FACTS.values():
        for field in fact.fields:
            if field.type is FieldType.CATEGORY:
                alias = hints[fact.word][field.name].split(" |")[0]
                assert field.categories == getattr(records, alias).__args__


def test_no_field_is_for_faces_places_words_or_traits_of_a_person() -> None:
    """No fact has a field for biometrics, whereabouts, content, names or traits; nor can one be
    added to a record, which refuses what it does not know.
    """
    for fact in FACTS.values():
        for field in fact.fields:
            assert None is FORBIDDEN.search(field.name), f"{fact.word}.{field.name}"
        assert _record(fact).__struct_config__.forbid_unknown_fields
        assert _record(fact).__struct_config__.frozen


def test_the_list_of_forbidden_words_finds_what_it_is_for() -> None:
    """The test above can fail."""
    for name in (
        "payer_name",
        "face_id",
        "plate",
        "voice_print",
        "cell_tower",
        "note",
        "ethnicity",
    ):
        assert FORBIDDEN.search(name)

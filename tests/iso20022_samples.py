"""Messages of ISO 20022, whole as a bank sends them, and what must not be seen of them."""

from __future__ import annotations

import json
from typing import Any

PERSONAL = (
    "Aigerim Canarykyzy", "Abai Avenue 150", "Canaryabad", "1968-02-01", "aigerim@canary.example",
    "for the wedding of Canary",
)  # fmt: skip
"""Names, addresses, places and dates of birth, mail, remittance text: each is in every message."""

PAYER, PAYEE = "KZ86125KZT5004100100", "KZ75125KZT2069100100"
UETR = "8a562c67-ca16-48ba-b074-65581be6f001"

_PARTY = """
    <Nm>Aigerim Canarykyzy</Nm>
    <PstlAdr><StrtNm>Abai Avenue 150</StrtNm><TwnNm>Canaryabad</TwnNm><Ctry>KZ</Ctry></PstlAdr>
    <Id><PrvtId><DtAndPlcOfBirth><BirthDt>1968-02-01</BirthDt><CityOfBirth>Canaryabad</CityOfBirth>
      <CtryOfBirth>KZ</CtryOfBirth></DtAndPlcOfBirth></PrvtId></Id>
    <CtctDtls><MobNb>+7-7015550142</MobNb><EmailAdr>aigerim@canary.example</EmailAdr></CtctDtls>
"""
_SIDES = f"""
    <Dbtr>{_PARTY}</Dbtr>
    <DbtrAcct><Id><IBAN>{PAYER}</IBAN></Id><Nm>Aigerim Canarykyzy</Nm></DbtrAcct>
    <DbtrAgt><FinInstnId><BICFI>CASPKZKA</BICFI><Nm>Aigerim Canarykyzy</Nm></FinInstnId></DbtrAgt>
"""
_PAYEE_SIDE = f"""
    <CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>BANK-2</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>
    <Cdtr>{_PARTY}</Cdtr>
    <CdtrAcct><Id><IBAN>{PAYEE}</IBAN></Id></CdtrAcct>
"""
_TEXT = "<RmtInf><Ustrd>for the wedding of Canary</Ustrd></RmtInf>"
_REFERENCE = f"""
    <OrgnlTxRef>
      <RmtInf><Ustrd>for the wedding of Canary</Ustrd></RmtInf>
      <Dbtr><Pty>{_PARTY}</Pty></Dbtr>
      <DbtrAcct><Id><IBAN>{PAYER}</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><IBAN>{PAYEE}</IBAN></Id></CdtrAcct>
    </OrgnlTxRef>
"""
_CASE = """
    <Assgnmt><Id>CASE-1</Id><CreDtTm>2026-01-05T09:00:00Z</CreDtTm></Assgnmt>
"""


def _document(type_: str, body: str) -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:{type_}"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<Document xmlns="{space}">{body}</Document>'.encode()


def _header(count: int = 1) -> str:
    return f"""
    <GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-01-05T09:30:00.250+05:00</CreDtTm>
      <NbOfTxs>{count}</NbOfTxs></GrpHdr>"""


XML: dict[str, bytes] = {
    "pain.001": _document(
        "pain.001.001.09",
        f"""<CstmrCdtTrfInitn>{_header()}
        <PmtInf><PmtInfId>P-1</PmtInfId><PmtMtd>TRF</PmtMtd>
          <ReqdExctnDt><Dt>2026-01-05</Dt></ReqdExctnDt>{_SIDES}
          <CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId></PmtId>
            <Amt><InstdAmt Ccy="KZT">250000.50</InstdAmt></Amt>{_PAYEE_SIDE}
            <Purp><Cd>SALA</Cd></Purp>{_TEXT}
          </CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn>""",
    ),
    "pacs.008": _document(
        "pacs.008.001.08",
        f"""<FIToFICstmrCdtTrf>{_header()}
        <CdtTrfTxInf>
          <PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId><TxId>T-1</TxId>
            <UETR>{UETR.upper()}</UETR></PmtId>
          <IntrBkSttlmAmt Ccy="KZT">250000.50</IntrBkSttlmAmt>
          <ChrgBr>SLEV</ChrgBr>{_SIDES}{_PAYEE_SIDE}
          <Purp><Prtry>for the wedding of Canary</Prtry></Purp>{_TEXT}
        </CdtTrfTxInf></FIToFICstmrCdtTrf>""",
    ),
    "pacs.002": _document(
        "pacs.002.001.10",
        f"""<FIToFIPmtStsRpt>{_header()}
        <TxInfAndSts><StsId>S-1</StsId><OrgnlInstrId>I-1</OrgnlInstrId>
          <OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlTxId>T-1</OrgnlTxId>
          <OrgnlUETR>{UETR}</OrgnlUETR><TxSts>ACSC</TxSts>{_REFERENCE}</TxInfAndSts>
        </FIToFIPmtStsRpt>""",
    ),
    "pacs.004": _document(
        "pacs.004.001.09",
        f"""<PmtRtr>{_header()}
        <TxInf><RtrId>R-1</RtrId><OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlTxId>T-1</OrgnlTxId>
          <RtrdIntrBkSttlmAmt Ccy="KZT">1000</RtrdIntrBkSttlmAmt>
          <RtrRsnInf><Rsn><Cd>FOCR</Cd></Rsn>
            <AddtlInf>for the wedding of Canary</AddtlInf></RtrRsnInf>{_REFERENCE}</TxInf>
        </PmtRtr>""",
    ),
    "camt.056": _document(
        "camt.056.001.08",
        f"""<FIToFIPmtCxlReq>{_CASE}
        <Undrlyg><TxInf><CxlId>C-1</CxlId><OrgnlEndToEndId>E-1</OrgnlEndToEndId>
          <OrgnlTxId>T-1</OrgnlTxId>
          <OrgnlIntrBkSttlmAmt Ccy="KZT">250000.50</OrgnlIntrBkSttlmAmt>
          <CxlRsnInf><Orgtr>{_PARTY}</Orgtr><Rsn><Cd>FRAD</Cd></Rsn>
            <AddtlInf>for the wedding of Canary</AddtlInf></CxlRsnInf>{_REFERENCE}</TxInf></Undrlyg>
        </FIToFIPmtCxlReq>""",
    ),
    "camt.029": _document(
        "camt.029.001.09",
        f"""<RsltnOfInvstgtn>{_CASE}<Sts><Conf>RJCR</Conf></Sts>
        <CxlDtls><TxInfAndSts><OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlTxId>T-1</OrgnlTxId>
          <TxCxlSts>RJCR</TxCxlSts>
          <CxlStsRsnInf><Rsn><Cd>CUST</Cd></Rsn>
            <AddtlInf>for the wedding of Canary</AddtlInf></CxlStsRsnInf>{_REFERENCE}
        </TxInfAndSts></CxlDtls></RsltnOfInvstgtn>""",
    ),
}
"""Each message in XML, by its kind."""


def _party() -> dict[str, Any]:
    return {
        "Nm": "Aigerim Canarykyzy",
        "PstlAdr": {"StrtNm": "Abai Avenue 150"},
        "Id": {
            "PrvtId": {
                "DtAndPlcOfBirth": {"BirthDt": "1968-02-01", "CityOfBirth": "Canaryabad"},
                "Othr": [{"Id": "+77015550142", "SchmeNm": {"Prtry": "MSISDN"}}],
            }
        },
        "CtctDtls": {"MobNb": "+7-7015550142", "EmailAdr": "aigerim@canary.example"},
    }


def _account(number: str) -> dict[str, Any]:
    other = [{"Id": number, "SchmeNm": {"Prtry": "MSISDN"}}]
    return {"Id": {"Othr": other}, "Nm": "Aigerim Canarykyzy"}


def _agent(member: str) -> dict[str, Any]:
    return {"FinInstnId": {"ClrSysMmbId": {"MmbId": member}}}


_JSON_HEADER = {"MsgId": "MSG-1", "CreDtTm": "2026-01-05T04:30:00.250Z", "NbOfTxs": 1}
_JSON_AMOUNT = {"Amt": {"Amt": 250000.5, "Ccy": "KZT"}}
_JSON_REST = {
    "RgltryRptg": {"Tp": "BALANCE OF PAYMENTS"},
    "RmtInf": {"Ustrd": "for the wedding of Canary"},
    "SplmtryData": {"Envlp": {"Doc": {"Cdtr": {"FrstNm": "Aigerim Canarykyzy"}}}},
}


def _json(type_: str, name: str, body: dict[str, Any]) -> bytes:
    return json.dumps({"TxTp": type_, name: body}).encode()


def _json_instruction(transaction: dict[str, Any]) -> dict[str, Any]:
    return {
        "PmtInfId": "P-1", "PmtMtd": "TRA", "ReqdExctnDt": {"Dt": "2026-01-05"},
        "Dbtr": _party(), "DbtrAcct": _account("77015550142"), "DbtrAgt": _agent("fsp001"),
        "CdtTrfTxInf": {
            "PmtId": {"EndToEndId": "E-1"},
            "PmtTpInf": {"CtgyPurp": {"Prtry": "TRANSFER for the wedding of Canary"}},
            "Amt": {"InstdAmt": _JSON_AMOUNT, "EqvtAmt": _JSON_AMOUNT},
            "CdtrAgt": _agent("fsp002"), "Cdtr": _party(), "CdtrAcct": _account("77015550143"),
            "Purp": {"Cd": "MP2P"}, **_JSON_REST, **transaction,
        },
    }  # fmt: skip


JSON: dict[str, bytes] = {
    "pain.001": _json(
        "pain.001.001.11", "CstmrCdtTrfInitn",
        {"GrpHdr": {**_JSON_HEADER, "InitgPty": _party()}, "PmtInf": _json_instruction({})},
    ),
    "pain.013": _json(
        "pain.013.001.09", "CdtrPmtActvtnReq",
        {"GrpHdr": {**_JSON_HEADER, "InitgPty": _party()}, "PmtInf": _json_instruction({})},
    ),
    "pacs.008": _json(
        "pacs.008.001.10", "FIToFICstmrCdtTrf",
        {
            "GrpHdr": {**_JSON_HEADER, "SttlmInf": {"SttlmMtd": "CLRG"}},
            "CdtTrfTxInf": {
                "PmtId": {"InstrId": "I-1", "EndToEndId": "E-1"},
                "IntrBkSttlmAmt": _JSON_AMOUNT, "InstdAmt": _JSON_AMOUNT, "ChrgBr": "DEBT",
                "InitgPty": _party(), "Dbtr": _party(), "DbtrAcct": _account("77015550142"),
                "DbtrAgt": _agent("fsp001"), "CdtrAgt": _agent("fsp002"), "Cdtr": _party(),
                "CdtrAcct": _account("77015550143"), "Purp": {"Cd": "MP2P"},
            },
            **_JSON_REST,
        },
    ),
    "pacs.002": _json(
        "pacs.002.001.12", "FIToFIPmtSts",
        {
            "GrpHdr": {"MsgId": "MSG-2", "CreDtTm": "2026-01-05T04:31:00.000Z"},
            "TxInfAndSts": {
                "OrgnlInstrId": "I-1", "OrgnlEndToEndId": "E-1", "TxSts": "ACCC",
                "AccptncDtTm": "2026-01-05T04:31:00.000Z", "InstgAgt": _agent("fsp001"),
                "ChrgsInf": [{"Amt": {"Amt": 0, "Ccy": "KZT"}, "Agt": _agent("fsp001")}],
            },
            **_JSON_REST,
        },
    ),
}  # fmt: skip
"""Each message in the JSON that Tazama takes, by its kind."""

"""What ``deploy/`` holds: a unit that systemd understands, and a recipe whose parts are there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNIT = ROOT / "deploy" / "arasha.service"
RECIPE = ROOT / "deploy" / "Containerfile"

# From the manual: systemd.unit, systemd.service, systemd.exec, systemd.kill and
# systemd.resource-control.
OPTIONS = {
    "Unit": """Description Documentation After Before Wants Requires StartLimitIntervalSec
        StartLimitBurst""",
    "Service": """
        Type NotifyAccess ExecStart ExecReload Environment LoadCredential Restart
        RestartSec TimeoutStartSec TimeoutStopSec KillSignal WatchdogSec User Group
        DynamicUser StateDirectory StateDirectoryMode CacheDirectory CacheDirectoryMode
        UMask ProtectSystem ProtectHome PrivateTmp PrivateDevices ProtectProc ProcSubset
        ProtectKernelTunables ProtectKernelModules ProtectKernelLogs
        ProtectControlGroups ProtectClock ProtectHostname RemoveIPC NoNewPrivileges
        CapabilityBoundingSet AmbientCapabilities RestrictSUIDSGID RestrictNamespaces
        RestrictRealtime LockPersonality KeyringMode PrivateUsers DevicePolicy
        MemoryDenyWriteExecute SystemCallArchitectures SystemCallFilter
        SystemCallErrorNumber RestrictAddressFamilies LimitNOFILE LimitCORE TasksMax""",
    "Install": "WantedBy",
}
MANY = {"After", "Environment", "SystemCallFilter", "LoadCredential"}


def options(text: str) -> dict[str, dict[str, list[str]]]:
    """Section → option → values, of a unit. Fails for a line that is none of these."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in text.splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
            continue
        match = re.fullmatch(r"(\w+)=(.*)", line)
        assert match is not None, line
        found[section][match[1]].append(match[2])
    return found


def strangers(text: str) -> list[str]:
    """Options that systemd does not have in that section, or that stand there twice."""
    return [
        f"{section}.{name}"
        for section, named in options(text).items()
        for name, values in named.items()
        if name not in OPTIONS.get(section, "").split() or (len(values) > 1 and name not in MANY)
    ]


def test_every_option_of_the_unit_exists() -> None:
    """In its section, and once, unless it is one of those that add up."""
    assert [] == strangers(UNIT.read_text("utf-8"))


def test_a_misspelt_option_is_found() -> None:
    """The test above can fail."""
    text = UNIT.read_text("utf-8").replace("ProtectHome=", "ProtectHomes=") + "Restart=no\n"
    assert ["Service.ProtectHomes", "Install.Restart"] == strangers(text)


def test_the_unit_is_tight() -> None:
    """What is promised in the guide: no rights, nothing to write on, the key as a credential."""
    service = options(UNIT.read_text("utf-8"))["Service"]
    for name, value in {
        "Type": "notify", "User": "arasha", "ProtectSystem": "strict", "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "", "MemoryDenyWriteExecute": "no", "Restart": "on-failure",
        "LoadCredential": "master.key:/etc/arasha/master.key", "StateDirectory": "arasha",
        "TimeoutStopSec": "30s", "WatchdogSec": "60s",
    }.items():  # fmt: skip
        assert [value] == service[name], name
    assert "@system-service" == service["SystemCallFilter"][0]
    user = (ROOT / "deploy" / "arasha.sysusers").read_text("utf-8").splitlines()[-1]
    assert user.startswith("u arasha - ")


def test_systemd_itself_understands_the_unit(tmp_path: Path) -> None:
    """Where systemd-analyze is there it is asked; the options are known by the tests above."""
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        assert options(UNIT.read_text("utf-8"))["Service"]["ExecStart"]
        return
    text = UNIT.read_text("utf-8").replace("/usr/lib/arasha/bin/arasha", shutil.which("true") or "")
    (tmp_path / UNIT.name).write_text(text)
    asked = [analyse, "verify", str(tmp_path / UNIT.name)]
    run = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (0, "") == (run.returncode, run.stderr)


# --- the container --------------------------------------------------------------------------------

WORDS = {
    "ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
    "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip


def steps(text: str) -> list[tuple[str, str]]:
    """(instruction, the rest) of a Containerfile, in order."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    found = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(word, rest) for word, rest in found]


@pytest.fixture
def recipe() -> list[tuple[str, str]]:
    """The steps of ours."""
    return steps(RECIPE.read_text("utf-8"))


def test_the_recipe_has_known_instructions_and_sources_that_are_there(
    recipe: list[tuple[str, str]],
) -> None:
    """What is copied is in the repository, or was made in the stage before."""
    assert set() == {word for word, _ in recipe} - WORDS
    for word, rest in recipe:
        if word == "COPY" and not rest.startswith("--from=built "):
            assert [] == [name for name in rest.split()[:-1] if not (ROOT / name).exists()]


def test_what_the_package_links_to_is_there_when_it_is_built(recipe: list[tuple[str, str]]) -> None:
    """A wheel made without them has no policy and no law to begin with."""
    linked = {
        str(path.resolve().relative_to(ROOT))
        for path in (ROOT / "src" / "arasha").iterdir()
        if path.is_symlink()
    }
    assert {"policies", "law"} == linked
    built = recipe[: max(i for i, (word, _) in enumerate(recipe) if word == "FROM")]
    assert linked <= {rest.split()[0] for word, rest in built if word == "COPY"}


def test_everything_is_installed_by_hash_and_nothing_is_left_to_build_with(
    recipe: list[tuple[str, str]],
) -> None:
    """From the lock files, binary only; our own package without any index; pip goes at the end."""
    installs = [
        rest for word, rest in recipe if word == "RUN" and re.search("pip (install|wheel)", rest)
    ]
    assert 4 == len(installs)
    for rest in installs:
        assert "--require-hashes --only-binary :all:" in rest or "--no-index --no-deps" in rest
    removed = [rest for word, rest in recipe if word == "RUN" and "pip uninstall" in rest]
    assert 2 == len(removed)
    last = max(i for i, (word, _) in enumerate(recipe) if word == "FROM")
    assert not [rest for word, rest in recipe[last:] if re.search("pip (install|wheel)|gcc", rest)]
    assert "--from=built /usr/lib/arasha /usr/lib/arasha" in [rest for _, rest in recipe[last:]]


def test_it_runs_as_nobody_special_and_says_how_it_is(recipe: list[tuple[str, str]]) -> None:
    """A number for the user, a health check, and a stop that is a stop; lists, not shells."""
    named = dict(recipe)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", named["USER"])
    assert "SIGTERM" == named["STOPSIGNAL"]
    assert ["arasha"] == json.loads(named["ENTRYPOINT"])
    assert "serve" == json.loads(named["CMD"])[0]
    check = json.loads(named["HEALTHCHECK"].partition("CMD ")[2])
    assert ["python", "-c"] == check[:2]
    compile(check[2], "HEALTHCHECK", "exec")
    assert ["/var/lib/arasha", "/var/cache/arasha"] == json.loads(named["VOLUME"])
    policies = json.loads(named["CMD"])[-1].removeprefix("/usr/share/arasha/")
    assert (ROOT / policies).exists()


def test_what_the_recipe_writes_are_its_volumes(recipe: list[tuple[str, str]]) -> None:
    """The root may be read-only: data, and kernels, have places of their own."""
    environment = " ".join(rest for word, rest in recipe if word == "ENV")
    assert "NUMBA_CACHE_DIR=/var/cache/arasha" in environment
    assert "PYTHONDONTWRITEBYTECODE=1" in environment

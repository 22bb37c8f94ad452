"""A backup asked for while a file comes in, and a restore where there is no network."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cli.conftest import Keyboard
from cli.keyboard import run_alone, shut_off
from intake.desk import rms, varied
from pipeline.homes import tree_hashes

POLICE = ("--dataset", "police_incidents", "--supplier", "rms")
KEPT = ("vault", "warehouse", "held")


def _environment(home: Path) -> Mapping[str, str]:
    return {"UPSTANDER_HOME": str(home), "UPSTANDER_KEY_FILE": str(home.parent / "home.key")}


def test_a_backup_made_during_ingest_comes_back_whole_without_a_network(
    types: Keyboard, signed: Path, tmp_path: Path
) -> None:
    months = [tmp_path / f"rms_2026-{month:02d}.csv" for month in (2, 3, 4, 5, 6)]
    for month, path in enumerate(months, start=2):
        row = {"occurred_from": f"04/{month:02d}/2026 22:40", "recorded_at": f"05/{month:02d}/2026 00:05"}
        path.write_bytes(
            rms(
                *(
                    {**varied(number), **row, "incident_ref": f"{month}-{number}", "dob": f"14/05/{1970 + number % 40}"}
                    for number in range(3_000)
                )
            )
        )
    assert types("deliver", months[0], *POLICE, "--json").code == 0
    program = str(Path(sys.executable).parent / "upstander")
    known = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **_environment(signed)}
    coming = [
        subprocess.Popen([program, "deliver", str(path), *POLICE, "--json"], env=known, stdout=subprocess.PIPE)
        for path in months[1:]
    ]
    backed_up = run_alone(["backup", str(tmp_path / "disk"), "--json"], folder=tmp_path, env=_environment(signed))
    assert all(one.wait() == 0 for one in coming)
    for one in coming:
        assert one.stdout is not None
        one.stdout.close()
    assert backed_up.code == 0, backed_up.err
    source = Path(backed_up.json["folder"])
    again = tmp_path / "again"
    knock = subprocess.run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('nowhere', 1)"],
        env=shut_off(tmp_path / "shut"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "a connection was tried" in knock.stderr
    shut = {"PYTHONPATH": str(tmp_path / "shut")}
    restored = run_alone(["restore", str(source), "--json"], folder=tmp_path, env=_environment(again) | shut)
    assert restored.code == 0, restored.err
    assert restored.json["state"] == backed_up.json["state"]
    for folder in KEPT:
        assert tree_hashes(again / folder) == tree_hashes(source / "home" / folder)
    held = run_alone(["deliveries", "--json"], folder=tmp_path, env=_environment(again) | shut)
    assert {one["lines"]["accepted"] for one in held.json} == {3_000}
    # What came while the backup was made is in it whole, or it is not in it.
    doctor = run_alone(["doctor", "--json"], folder=tmp_path, env=_environment(again) | shut)
    assert doctor.code == 0, doctor.out
    assert [one for one in doctor.json if one["state"] == "wrong"] == []
    after = [run_alone(["deliver", str(path), *POLICE, "--json"], folder=tmp_path, env=_environment(again) | shut)
             for path in months]  # fmt: skip
    assert {one.json["outcome"] for one in after} <= {"ACCEPT", "NOOP"}

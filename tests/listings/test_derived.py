import multiprocessing

from django.conf import settings as configured

from evidence.store import Store
from listings.derived import Derived
from listings.processes import FEW

UPPER = Derived(version="upper/1", make=bytes.upper, dump=bytes, load=bytes, suffix="txt")


def prepare(evidence, index, names):
    configured.EVIDENCE_DIR, configured.INDEX_DIR = evidence, index
    UPPER.prepare(names)


def test_a_daemonic_process_makes_many_by_itself(settings, tmp_path):
    # Celery's workers are daemonic, and such a process may have no children.
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    store = Store(settings.EVIDENCE_DIR)
    names = [store.put(f"picture {number}".encode()) for number in range(FEW + 1)]

    work = (settings.EVIDENCE_DIR, settings.INDEX_DIR, names)
    process = multiprocessing.get_context("spawn").Process(target=prepare, args=work, daemon=True)
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert UPPER.kept(names[-1]) == f"PICTURE {FEW}".encode()

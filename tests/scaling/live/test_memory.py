"""What a decision was made with is kept beside what it leaves behind."""

from scaling.memo import Memo, read_memo
from scaling.models import ScalingPolicy

from .crowd import crowd, decided


def test_the_memory_before_a_decision_is_kept(kit, scaler):
    ScalingPolicy.objects.update(strategy="latency_target")
    crowd(kit, 1)

    def next_memo() -> Memo:
        assert decided(kit, scaler).strategy == "latency_target"
        return read_memo(kit.store.scaling.kept("default").memory)

    first, second = next_memo(), next_memo()
    assert first.earlier == {}
    assert second.earlier == first.memory != second.memory

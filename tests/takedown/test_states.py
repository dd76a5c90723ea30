import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.workflow import IllegalTransition
from takedown.states import ITEM, LIVE_ITEM, PACKET, ItemState, PacketState


class PacketMachine(RuleBasedStateMachine):
    """Walks the packet at random: only the table's steps are taken, and sent is never reached unreviewed."""

    def __init__(self):
        super().__init__()
        self.state = PacketState.DRAFT
        self.passed = [PacketState.DRAFT]

    @rule(to=st.sampled_from(PacketState))
    def step(self, to):
        if PACKET.allows(self.state, to):
            PACKET.check(self.state, to)
            self.state = to
            self.passed.append(to)
        else:
            with pytest.raises(IllegalTransition):
                PACKET.check(self.state, to)

    @precondition(lambda self: self.state is PacketState.SENT)
    @rule()
    def sent_was_reviewed_approved_and_waited(self):
        wanted = [PacketState.IN_REVIEW, PacketState.APPROVED, PacketState.WAITING, PacketState.SENT]
        assert self.passed[-4:] == wanted

    @invariant()
    def a_final_packet_stays(self):
        if PACKET.is_final(self.state):
            assert self.state in {PacketState.CLOSED, PacketState.WITHDRAWN}


class ItemMachine(RuleBasedStateMachine):
    """Walks an item at random: nothing is verified or rejected before it was sent, a withdrawn one stays withdrawn."""

    def __init__(self):
        super().__init__()
        self.state = ItemState.DRAFTED
        self.passed = [ItemState.DRAFTED]

    @rule(to=st.sampled_from(ItemState))
    def step(self, to):
        if ITEM.allows(self.state, to):
            self.state = to
            self.passed.append(to)

    @invariant()
    def answers_come_after_sending(self):
        if self.state not in {ItemState.DRAFTED, ItemState.WITHDRAWN}:
            assert ItemState.SENT in self.passed

    @invariant()
    def never_drafted_again(self):
        assert self.passed.count(ItemState.DRAFTED) == 1
        assert ItemState.WITHDRAWN not in self.passed[:-1]


PacketMachine.TestCase.settings = ItemMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestPacket = PacketMachine.TestCase
TestItem = ItemMachine.TestCase


def test_every_state_can_be_reached():
    for flow, start in ((PACKET, PacketState.DRAFT), (ITEM, ItemState.DRAFTED)):
        reached, fresh = {start}, [start]
        while fresh:
            fresh = [state for state in flow.steps[fresh.pop()] if state not in reached] + fresh
            reached.update(fresh)

        assert reached == set(flow.states)


def test_what_is_reported_is_not_what_is_verified():
    assert not ITEM.allows(ItemState.DRAFTED, ItemState.REMOVED_VERIFIED)
    assert ITEM.allows(ItemState.REMOVED_REPORTED, ItemState.REMOVED_VERIFIED)
    assert not ITEM.allows(ItemState.REMOVED_VERIFIED, ItemState.REMOVED_REPORTED)


def test_a_withdrawn_or_rejected_item_allows_a_new_notice():
    assert not LIVE_ITEM & {ItemState.WITHDRAWN, ItemState.REJECTED, ItemState.EXPIRED, ItemState.RELISTED}

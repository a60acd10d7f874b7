"""What an agent's turn may change in its working tree, and how everything else is put back."""

from agents.fence.allowed import Allowed
from agents.fence.change import Change
from agents.fence.fence import Fence
from agents.fence.outside import Outside
from agents.fence.seal import Seal, seal
from agents.fence.trespass import Trespass
from agents.fence.worktree import Worktree

__all__ = ["Allowed", "Change", "Fence", "Outside", "Seal", "Trespass", "Worktree", "seal"]

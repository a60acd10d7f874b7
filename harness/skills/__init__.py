"""Instructions that coding agents find by themselves: skills for Claude Code and for Codex."""

from harness.skills.writing import SKILLS, AgentFile, write_agent_files

__all__ = ["SKILLS", "AgentFile", "write_agent_files"]

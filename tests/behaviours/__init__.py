"""The checklist of SAFETY.md: each behaviour that software can hold is a test that bears its number."""

"""The officers' door: a second program, which hands sealed reports to the browsers of officers and can open none."""

"""What people read in a browser before and while they write: a landing page, a chat, and their texts."""

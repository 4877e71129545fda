"""Telegram and Twilio as loopback servers: real HTTP, their rules, and telephones to hold a conversation with.

Each platform checks every call against the description it publishes (`../shared/specs`, when that folder is there) or
a built-in check of the same rules, refuses what it would refuse, can be told to fail, and lists the calls it got.
Nothing here uses Faro but its types `Delivery` (a webhook request), so that a mistake there can't hide here.
"""

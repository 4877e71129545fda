"""Imported once, by the process that others are forked from (chaos_warm.py): all that worker and gateway read."""

from bot import app, gateway, questions, safety, texts, worker

MODULES = (app, gateway, worker)
SHIPPED = (texts.shipped(), questions.shipped(), safety.shipped())

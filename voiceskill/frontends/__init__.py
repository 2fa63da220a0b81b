"""Ways to hold a check with a person: by voice, typed, as a demonstration, on recordings.

A front end joins edges to the session; it decides nothing about the conversation.
"""

"""The value machine: what is known, what was said, what to say next.

Nothing here touches the world.
"""

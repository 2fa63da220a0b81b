"""From the files below `dialogs/` to the values of the core, and what is wrong with them.

One module reads one kind of file, one `check_*` module looks for one kind of mistake.
Public is only `voiceskill.library`.
"""

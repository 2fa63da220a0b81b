"""voiceskill."""

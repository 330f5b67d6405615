"""Writes a text into a new file at an offset: `write_at.py URL OFFSET TEXT`, at a user's workstation."""

import os
import sys

import gfal2

if __name__ == "__main__":
    url, offset, text = sys.argv[1:]
    file = gfal2.creat_context().open(url, "w")
    file.lseek(int(offset), os.SEEK_SET)
    file.write(text)

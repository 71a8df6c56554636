"""Runs the tutorial's program, PROGRAM MAP_FILE: Linux allows no environment variable as long as the mapping."""

import os
import runpy
import sys

program, map_file = sys.argv[1:]
os.environ["WRAPUP_TO_SKILL"] = open(map_file).read()
runpy.run_path(program, run_name="__main__")

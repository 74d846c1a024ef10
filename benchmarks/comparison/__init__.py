"""What the benchmark of the main job is made of: split folders, measured processes, tools, and the summary."""

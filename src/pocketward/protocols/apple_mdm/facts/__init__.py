"""Facts distilled from Apple's published schemas; JSON beside this file, made by `distill.py`. No prose."""

"""What single commands do (`inspect`, `doctor`, `init`, `web` …), apart from how the terminal asks for it."""

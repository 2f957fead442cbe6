"""What all pages share: the two bases, the components, the clock, the words and the icons."""

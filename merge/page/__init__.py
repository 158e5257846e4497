"""The browser -> campaign -> pages: the whole campaign on this computer, without a terminal."""

"""The dashboard: a published release to be read, filtered, cited and taken away by professionals."""

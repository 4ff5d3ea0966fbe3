"""The page that checks anybody's badge."""

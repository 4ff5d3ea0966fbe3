"""The demo's own page: who is who, every mail, a walk. Its addresses exist in demo mode only."""

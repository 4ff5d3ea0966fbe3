"""A small made-up world, built through the services a real school uses. Nothing here runs outside the demo."""

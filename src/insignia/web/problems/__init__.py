"""What the codes of refusals mean: where a problem document's `type` leads."""

"""What a host would notice on a monitor, noticed by the node: a frozen or black picture, silence."""

"""Whether an attribution can be trusted: deletion and insertion, random weights, planted evidence."""

"""What a training script calls, on transformers' tokenizers and processors."""

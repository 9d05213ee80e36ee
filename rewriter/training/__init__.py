"""What a training script calls, on transformers' tokenizers and processors.

It may import every layer but the command. Begin with `templates`, which finds a training template,
sets it and takes it back. `needs` says what a template lacks for a run.
"""

"""What a training script calls, on transformers' tokenizers and processors.

It may import every layer but the command. Begin with `templates`, which finds a training template,
sets it, and restores the original. `needs` finds what a template lacks for a training run.
"""

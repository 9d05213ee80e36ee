"""What a training script calls, on transformers' tokenizers and processors.

It knows every layer but the command. Begin with `templates`.
"""

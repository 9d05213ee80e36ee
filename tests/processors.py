"""A processor as vision models have them, without the vision."""

from transformers import PreTrainedTokenizerFast, ProcessorMixin


class VisionProcessor(ProcessorMixin):
    """Hands the text to its tokenizer, in a batch."""

    # Before transformers 5 a processor says what it is made of.
    attributes = ["tokenizer"]  # noqa: RUF012
    tokenizer_class = "PreTrainedTokenizerFast"

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        super().__init__(tokenizer, chat_template=tokenizer.chat_template)

    def __call__(self, text=None, **options):
        for other in ("images", "videos", "audio", "return_text_replacement_offsets"):
            options.pop(other, None)
        return self.tokenizer([text] if isinstance(text, str) else text, **options)

"""The character vocabulary and its Hugging Face tokenizer files. No torch."""

import json
from pathlib import Path

import numpy as np

PAD, BOS, EOS, UNK, ATTEMPT, NEWLINE = 0, 1, 2, 3, 4, 8
SIZE = 80

SPECIALS = ["<pad>", "<bos>", "<eos>", "<unk>", "<attempt>", "<reserved0>", "<reserved1>", "<reserved2>"]
CHARACTERS = ["\n"] + [chr(c) for c in range(0x20, 0x7F) if not chr(c).isupper()]
TRAILING = [f"<reserved{i + 3}>" for i in range(SIZE - len(SPECIALS) - len(CHARACTERS))]
TOKENS = SPECIALS + CHARACTERS + TRAILING

_TABLE = np.full(256, UNK, np.uint8)
for _i, _c in enumerate(CHARACTERS):
    _TABLE[ord(_c)] = len(SPECIALS) + _i


def encode(text: str) -> np.ndarray:
    """Token ids of plain text, uint8 [characters]; no `<bos>`."""
    return _TABLE[np.frombuffer(text.encode("latin-1", "replace"), np.uint8)]


def decode(ids) -> str:
    """Text of ids; special tokens vanish."""
    first, last = len(SPECIALS), len(SPECIALS) + len(CHARACTERS)
    return "".join(TOKENS[i] for i in ids if first <= i < last)


def tokenizer_json() -> dict:
    special = [
        {"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, t in enumerate(TOKENS)
        if t.startswith("<") and len(t) > 1
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                {"SpecialToken": {"id": "<bos>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
            ],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [BOS], "tokens": ["<bos>"]}},
        },
        "decoder": {"type": "Fuse"},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {t: i for i, t in enumerate(TOKENS)},
            "merges": [],
        },
    }


def tokenizer_config() -> dict:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "additional_special_tokens": ["<attempt>"],
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1024,
    }


def write(folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json(), indent=1, ensure_ascii=False) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config(), indent=1) + "\n")

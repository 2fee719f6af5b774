"""Conversations about a picture, as LLaVA and others keep them for training."""

from __future__ import annotations

_ANSWERING = ("gpt", "assistant", "model")


def read_answer(turns: object) -> list[str]:
    """Give the first answer of a conversation; what is asked later needs the question.

    A turn is `{"from": "gpt", "value": "…"}` or `{"role": "assistant", "content": …}`,
    where the content may be a list of parts, `{"type": "text", "text": "…"}`.

    Source: Liu et al. 2023, https://github.com/haotian-liu/LLaVA.
    """
    for turn in turns if isinstance(turns, list) else ():
        match turn:
            case {"from": speaker, "value": said} | {"role": speaker, "content": said}:
                if speaker in _ANSWERING and (answer := _text(said)):
                    return [answer]
    return []


def _text(said: object) -> str:
    match said:
        case str():
            return said.replace("<image>", "").strip()
        case [*parts]:
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return " ".join(text for text in texts if isinstance(text, str)).strip()
    return ""

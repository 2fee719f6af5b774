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


def read_parts(turns: object) -> list[dict[str, object]]:
    """Give the parts of what people ask, with the pictures that they show.

    Such a part is `{"type": "image_url", "image_url": {"url": "…"}}`, or has a name.

    Source: OpenAI, https://platform.openai.com/docs/guides/vision-fine-tuning.
    """
    contents = (
        turn.get("content")
        for turn in (turns if isinstance(turns, list) else ())
        if isinstance(turn, dict)
    )
    return [
        part
        for content in contents
        for part in (content if isinstance(content, list) else ())
        if isinstance(part, dict)
    ]


def _text(said: object) -> str:
    match said:
        case str():
            return said.replace("<image>", "").strip()
        case [*parts]:
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return " ".join(text for text in texts if isinstance(text, str)).strip()
    return ""

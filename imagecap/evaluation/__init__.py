"""How good captions are: scores against what people wrote. Never imports Keras."""

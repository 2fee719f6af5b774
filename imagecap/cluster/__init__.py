"""Many pictures, wherever they lie, captioned into a folder of shards; also on Ray."""

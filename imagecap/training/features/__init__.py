"""Features of pictures, extracted once and kept."""

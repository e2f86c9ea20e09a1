"""What several tests need: the suite's node and servers, and made articles, inputs and answers."""

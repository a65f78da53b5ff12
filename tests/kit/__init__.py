"""What several tests share: parties with keys, and the two ends of a journal."""

"""The phases of a round: each takes the bench and a subject and returns values by key."""

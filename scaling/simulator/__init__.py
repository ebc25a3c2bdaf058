"""Replays a load against strategies and guards, in virtual time: what would this policy have done, and cost?"""

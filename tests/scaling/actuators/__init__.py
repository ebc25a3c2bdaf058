"""Actuators against what they act on."""

"""Channels: how a group of messages reaches PagerDuty, Slack, a mailbox and others."""

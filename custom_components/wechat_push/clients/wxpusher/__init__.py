"""WxPusher: messages to users and topics of an application, and by simple push tokens."""

"""The actions of the integration, from what a person fills in to what services get."""

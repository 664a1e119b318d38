"""Rules of the repository: functions over parsed files that yield what is wrong with them."""

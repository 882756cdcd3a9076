"""What do the HTTP answers look like?"""

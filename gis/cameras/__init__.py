"""What do cameras see?"""

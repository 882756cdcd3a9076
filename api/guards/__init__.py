"""What is done with every request, whatever it asks?"""

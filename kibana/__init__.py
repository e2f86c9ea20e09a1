"""What Newsdex brings to Kibana: a readable source, the script that builds saved objects from it, and their checks."""
